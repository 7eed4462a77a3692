"""Synthetic letters as office documents: .docx and .hwpx, equal bytes each time."""
