"""Money: whole minor units that know their currency. Pure Python, no Django."""
