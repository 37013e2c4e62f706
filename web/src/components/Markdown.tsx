import Original, { type Components } from 'react-markdown';
import gfm from 'remark-gfm';
import classes from './Markdown.module.css';
import { ScrollBox } from './ScrollBox.tsx';

/** Headings of a text start below those of the page. */
const parts: Components = {
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  // From elsewhere, which the content security policy refuses and which would tell who reads.
  img: ({ alt }) => <span>[{alt ?? 'picture'}]</span>,
  pre: ({ children }) => (
    <ScrollBox label="Code" role="group">
      {children}
    </ScrollBox>
  ),
};

/** A text that someone wrote in Markdown. Its HTML is left out, and its links lead to web pages and mail only. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={classes['text']}>
      <Original remarkPlugins={[gfm]} components={parts} skipHtml>
        {text}
      </Original>
    </div>
  );
}
