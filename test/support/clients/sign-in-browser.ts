/** A browser that signs in at the local provider by HTTP: it stores cookies, follows redirects and chooses a person. */
export const givenBrowser = (berthUrl: string) => {
  const cookies = new Map<string, string>();
  const send = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const isBerth = new URL(url).origin === new URL(berthUrl).origin;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(isBerth ? { cookie } : {}) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  /** Follows redirects up to the one that leads away from Berth. */
  const follow = async (first: string, init?: RequestInit): Promise<{ url: string; response?: Response }> => {
    let response = await send(first, init);
    let url = first;
    for (let location = response.headers.get('location'); location !== null; ) {
      url = new URL(location, url).href;
      if (new URL(url).origin !== new URL(berthUrl).origin) return { url };
      response = await send(url);
      location = response.headers.get('location');
    }
    return { url, response };
  };
  return {
    /** Signs in as a person. Returns the URL to which the provider redirects, which is not requested. */
    signIn: async (address: string, person: string): Promise<string> => {
      const form = await follow(address);
      const body = new URLSearchParams({ person });
      const { url } = await follow(form.url, {
        method: 'POST',
        headers: { origin: new URL(berthUrl).origin },
        body,
      });
      return url;
    },
  };
};
