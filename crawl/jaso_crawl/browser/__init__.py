"""Headless browser: finding Chromium, launch, DevTools protocol (CDP), pool."""
