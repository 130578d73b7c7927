"""What the check of a claim does: each function returns whether the claim held and what was seen.

two_layer           chapter 2 and its companion page
deep                chapter 4
general_position    chapter 5 and its companion page
open_questions      chapter 7
"""
