"""A power cut for one process; README.md says how."""
