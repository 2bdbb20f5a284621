"""The risk guide: its questions, weights, limits and advice as content, and what answers come to. Pure."""
