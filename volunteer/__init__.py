"""Volunteer scheduling and trusted service hours for a city (志愿服务排班与时长管理)."""
