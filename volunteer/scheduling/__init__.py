"""The optimiser (智能排班): a library that assigns people to duties.

It knows no web, no database and no clock of its own: standard library, OR-Tools and numpy only. A
:class:`~volunteer.scheduling.problem.Problem` goes in, a :class:`~volunteer.scheduling.problem.Plan`
comes out; both travel as files in the exchange format described in docs/schedule-format.md.
"""
