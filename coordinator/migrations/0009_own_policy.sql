-- Keys of `policy` that a model has values of its own for, as a JSON object; all others follow the settings. Whether it may be trained
-- by itself stays in `auto_retrain`, too, where earlier releases look: 0 there is `"auto_retrain": false` here.
ALTER TABLE models ADD COLUMN policy TEXT NOT NULL DEFAULT '{}';
