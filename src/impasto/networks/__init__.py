"""Networks that look at pictures: the VGG-19 topology, and where its weights come from."""
