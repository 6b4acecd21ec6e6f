"""Jobs: the engine joined to files and networks. What programs and front ends call."""
