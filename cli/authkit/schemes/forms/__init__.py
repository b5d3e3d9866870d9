"""How is an upload form signed, and what does its policy demand?"""
