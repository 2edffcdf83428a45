"""Certificates (志愿服务记录证明), read: what may be issued, what was, and the proof for strangers."""
