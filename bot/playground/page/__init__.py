"""The demo in a browser: a town that anybody can try, and what happens inside the bot while they do."""
