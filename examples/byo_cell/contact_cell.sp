* A designer's cell, drawn elsewhere: select transistor with its own model, contacts, and a leak.
* What the array sees of it: line (row), bit (column), gate (word line) and the state rs.
.model selnmos nmos (level=1 vto=0.42 kp=240u gamma=0.35 phi=0.75 lambda=0.04 tox=5n)
.subckt contact_cell line gate bit bulk rs=100k
rtop line top 180
rcell top mid r=rs
* A weak spot beside the filament.
bspot top mid i=50n*v(top,mid)*(1+25*v(top,mid)^2)
msel mid gate foot bulk selnmos w=1.4u l=0.3u
rbot foot bit 180
rleak line bulk 5g
.ends contact_cell
