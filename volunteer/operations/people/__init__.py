"""People (志愿者), changed: registering, skills, pauses, moving, merging, consents, links, rolls, roles.

Whatever takes a person out of service frees the seats that lie ahead and tells them; nothing here ever
touches hours.
"""
