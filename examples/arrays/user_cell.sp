* A cell of one's own for user_cell.toml. The first line is a title, as in every deck.
.subckt own_cell gate line bit bulk gs=1u
* Saturates a little, as a device of one's own might.
b1 line n i=gs*v(line,n)/(1+0.1*v(line,n)^2)
m1 n gate bit bulk nch_io w=0.8u l=0.27u
.ends own_cell
