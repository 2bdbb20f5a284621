"""Advice as content: checklists and cards in Markdown files, read, kept current, and found by a few words."""
