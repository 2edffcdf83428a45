"""The rules of the field: pure values and functions, without database, request or clock.

Each room answers one question. ``access``: may this person do that. ``lifecycle``: may this
state follow that one. ``attendance``: may one check in now, and how many minutes does it earn.
``ledger``: is the record of hours still what was written. ``law``: may this activity be
published. An expected no is a :class:`volunteer.domain.refusal.Refused` with words for the
person; everything else is returned.
"""
