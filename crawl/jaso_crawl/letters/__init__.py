"""Readers of letters in office documents: docx and hwpx, parted into answers."""
