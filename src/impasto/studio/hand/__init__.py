"""The hand: what each event of the page does, wired by `page`. A room for each kind of event."""
