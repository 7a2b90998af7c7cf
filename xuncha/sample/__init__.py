"""The bundled sample bureau: a fictional city's science bureau, healthy or with seeded faults."""
