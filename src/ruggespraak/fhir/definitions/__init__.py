"""An edition as definitions of FHIR R4, for another engine: questions, rules, activities, codes, and their package."""
