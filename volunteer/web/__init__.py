"""The hall between Flask and the views: guard, unit of work, errors, forms, filters."""
