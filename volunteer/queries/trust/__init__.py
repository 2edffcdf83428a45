"""Trust (核查与抽查), read: what the rules are shown, cases, spot checks."""
