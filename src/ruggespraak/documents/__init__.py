"""Words and pictures on paper and on screen: what a document says (a tree), and its accessible PDF."""
