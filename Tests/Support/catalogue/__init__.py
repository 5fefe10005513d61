"""Many OAuth providers at once, each as a habit file describes it. README.md says how to use it."""
