/**
 * Makes something of an object once, and remembers it for as long as that object lives: for what is asked again
 * and again of the copies that are kept in memory for a moment. What is made is never undefined.
 */
export function onceFor<Key extends object, Value extends {} | null>(
  make: (key: Key) => Value,
): (key: Key) => Value {
  const made = new WeakMap<Key, Value>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}
