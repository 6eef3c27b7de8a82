// What a shop teaches the elements a language of its own with.
export { teach } from '../src/words.js';
