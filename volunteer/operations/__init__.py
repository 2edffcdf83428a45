"""Floor of the house: see docs/architecture.md."""
