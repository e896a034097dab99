-- What the inputs of the live version look like beside those of its training, as JSON; NULL: nobody has looked.
ALTER TABLE watches ADD COLUMN inputs TEXT;
