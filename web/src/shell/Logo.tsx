/** A hull between two piers. */
export function Logo({ size = 30 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true" focusable="false">
      <g strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round">
        <path d="M5.5 7v16M26.5 7v16" stroke="#5fd3d6" />
        <path d="M16 5v8" stroke="currentColor" />
        <path
          d="M10 15.5h12l-1.6 4.6a2.600 2.600 0 0 1-2.500 1.800h-3.800a2.600 2.600 0 0 1-2.500-1.800z"
          fill="currentColor"
          stroke="currentColor"
        />
        <path
          d="M5.500 27c2.600 0 2.600-1.500 5.250-1.500s2.600 1.500 5.250 1.500 2.600-1.500 5.250-1.500 2.600 1.500 5.250 1.500"
          stroke="#5fd3d6"
        />
      </g>
    </svg>
  );
}
