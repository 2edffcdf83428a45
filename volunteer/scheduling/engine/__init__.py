"""Inside the optimiser: arrays, a first plan, linear programs, columns, search. Nothing here is public.

It knows :mod:`volunteer.scheduling.problem` and nothing else of the library; the verifier and the
cost, which judge its plans, share no code with it.
"""
