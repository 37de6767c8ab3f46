// The time, as far as drawing depends on it: headings of days and times in the list turn over at midnight.

class Clock {
  /** Now, at most half a minute old; milliseconds since 1970. */
  now = $state(Date.now());

  constructor() {
    setInterval(() => {
      this.now = Date.now();
    }, 30_000);
  }
}

/** The one clock of the window. */
export const clock = new Clock();
