"""How long a test waits for what may hang: far longer than it ever takes, so that a busy machine fails no test."""

PATIENCE_S = 200
PATIENCE_MS = PATIENCE_S * 1000
