/** The name of a provider's constant in `endpoints.ts`. */

import { camelCase } from './camel-case.js';

/** Words that cannot name a constant of a module, and the name under which `endpoints.ts` imports its types. */
const TAKEN = new Set(
  (
    'arguments,as,async,await,break,case,catch,class,const,continue,debugger,default,delete,do,else,enum,eval,export,' +
    'extends,false,finally,for,from,function,get,if,implements,import,in,infinity,instanceof,interface,let,nan,new,null,' +
    'of,package,private,protected,public,return,set,static,super,switch,this,throw,true,try,type,typeof,types,undefined,' +
    'var,void,while,with,yield'
  ).split(','),
);

/** `open-meteo` → `openMeteo`. What would be no name gets an underscore: before a digit, behind a reserved word. */
export function constantName(provider: string): string {
  const camel = camelCase(provider);
  if (camel === '' || /^\d/.test(camel)) return `_${camel}`;
  return TAKEN.has(camel.toLowerCase()) ? `${camel}_` : camel;
}
