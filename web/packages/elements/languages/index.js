// All languages of the elements besides English.
import './de.js';
import './zh.js';
