"""Plans of what prepares people for what is coming: content files, read and reckoned. Pure."""
