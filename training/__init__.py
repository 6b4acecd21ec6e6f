"""How the bundled network is made: from a teacher and a folder of pictures. See README.md."""
