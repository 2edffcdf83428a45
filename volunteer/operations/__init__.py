"""The verbs (业务操作): everything that changes the record goes through a function of this floor.

A verb takes the actor, plain values and the instant ``at``; it checks the right (``access.require``), the
rule (``domain``) and the state, writes rows, leaves an audit line and messages beside them, and never
commits: the edge does. An expected no is a :class:`~volunteer.domain.refusal.Refused`.
"""
