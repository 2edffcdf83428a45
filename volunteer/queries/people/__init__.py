"""People (志愿者), read: the register of a unit, one person's page, the own profile, invitations, rolls.

Everything passes through ``scope.visible``; minors stay out of lists until a reason was given.
"""
