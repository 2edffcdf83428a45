"""Domain tests need nothing but Python; a busy machine must not make a property fail."""

from hypothesis import settings

settings.register_profile("domain", deadline=None, max_examples=100)
settings.load_profile("domain")
