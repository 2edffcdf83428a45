"""Reading (查询): nouns. Every list passes ``scope.visible``; rows or small values come back, never edits."""
