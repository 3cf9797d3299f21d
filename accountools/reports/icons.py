"""How a state is shown everywhere, on a screen, on paper and in a picture: a sign and a colour, and always its word beside them.

The colours are dark enough to read text in on white and on the screens' light grounds (4.5 to 1, WCAG AA).
"""

COLOURS = {"ready": "#1a7240", "attention": "#8f5400", "blocked": "#b3261e", "missing": "#5b6672"}
ICONS = {"ready": "●", "attention": "▲", "blocked": "■", "missing": "○"}
