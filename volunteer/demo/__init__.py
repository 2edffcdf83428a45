"""The demo city (演示城市): a seeded Shaoyang; same seed, same city."""
