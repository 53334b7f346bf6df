/** The most memory that this process has held at once, in units of 1,000,000 bytes. */
export function peakRssMb(): number {
  return Math.round((process.resourceUsage().maxRSS * 1024) / 1_000_000);
}
