"""Lighthouse on the phone pages of a demo city, where node is at hand."""
