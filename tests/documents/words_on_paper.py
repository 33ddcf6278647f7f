"""What a reader finds on a page, whatever block of the document it stands in."""

from ruggespraak.documents.content import Document, Paragraph, Part, Picture, Points, Table


def words_of(document: Document) -> str:
    """Every word that stands in it."""
    lines = [document.title, *document.closing, *(one.title for one in document.sections)]
    lines += [document.card.title] if document.card else []
    lines += [source.text for source in document.sources]
    for block in document.blocks():
        match block:
            case Paragraph(words):
                lines.append(words)
            case Points(items):
                lines += items
            case Part(title):
                lines.append(title)
            case Table(caption, head, rows):
                lines += [caption, *head, *(cell for row in rows for cell in row)]
            case Picture(caption=caption):
                lines.append(caption)
    return "\n".join(lines)
