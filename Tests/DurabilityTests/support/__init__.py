"""What the durability tests share."""
