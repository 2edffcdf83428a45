"""Rooms for everybody (公开): what is opened by a link, before anybody is signed in."""
