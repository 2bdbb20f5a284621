"""The situation picture: what is drawn, and the child process that draws it."""
