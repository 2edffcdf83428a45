"""Rosters (排班表): the board of a week, drafts beside what is published, and what a change would mean."""
