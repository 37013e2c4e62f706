/** Of Berth as a whole: the API tells it, and a CLI of another one says so. */
export const version = '0.1.0';
