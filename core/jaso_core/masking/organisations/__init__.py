"""Company names: legal forms, spelling variants, gazetteer, context, masking."""
