"""The knowledge: vocabulary, concepts, texts, codes and the editions of the pathway. Imports only the logic."""
